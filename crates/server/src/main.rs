use std::process::ExitCode;

fn main() -> ExitCode {
    greenfort_server::cli::main()
}
