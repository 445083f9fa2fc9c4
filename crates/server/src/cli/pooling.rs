//! `greenfort pooling table|best|plan|simulate`: the group-testing maths on the command line. Only the arguments are
//! here; everything that is computed or printed comes from the pooling crate.

use std::path::{Path, PathBuf};

use clap::{Args as ClapArgs, Subcommand, ValueEnum};
use greenfort_pooling::command::{self, BestArgs, PlanArgs, Quality, Report, SimulateArgs};
use greenfort_pooling::optimise::Objective;
use greenfort_pooling::plan::{Laboratory, Limits};
use greenfort_pooling::simulate::Fault;
use greenfort_pooling::{Algorithm, table};

/// Group testing: exact characteristics, best designs, plans and simulations.
#[derive(Debug, ClapArgs)]
pub(crate) struct PoolingArgs {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Exact characteristics for a table of designs; CSV in, CSV out.
    Table {
        /// Columns id, kind, algorithm, p_mean, p_vector, Se, Sp, size_min, size_max, config.
        #[arg(long)]
        input: PathBuf,
    },
    /// The best design of each class.
    Best(Best),
    /// A design for every commune under the laboratories' limits.
    Plan(Plan),
    /// A seeded round of a made-up province.
    Simulate(Simulate),
}

#[derive(Debug, ClapArgs)]
struct Output {
    /// Print JSON instead of tables.
    #[arg(long)]
    json: bool,
    /// Also write the chart to this SVG file.
    #[arg(long, value_name = "FILE.svg")]
    plot: Option<PathBuf>,
}

#[derive(Debug, ClapArgs)]
struct Assay {
    /// Sensitivity: one value, or one for each stage.
    #[arg(long, value_delimiter = ',', default_value = "0.95")]
    se: Vec<f64>,
    /// Specificity: one value, or one for each stage.
    #[arg(long, value_delimiter = ',', default_value = "0.995")]
    sp: Vec<f64>,
    /// Sensitivity from viral loads instead: the Ct detected half the time. Pools dilute.
    #[arg(long, value_name = "CT")]
    threshold: Option<f64>,
}

impl Assay {
    fn quality(self) -> Quality {
        match self.threshold {
            Some(threshold) => Quality::Load { threshold, sp: self.sp.first().copied().unwrap_or(f64::NAN) },
            None => Quality::Fixed { se: self.se, sp: self.sp },
        }
    }
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Aim {
    /// Fewest tests.
    Tests,
    /// Fewest tests for each person classified rightly.
    Mar,
    /// Tests plus d1 for each missed infection plus d2 for each false positive.
    Gr,
    /// Fewest tests for each infection found.
    Found,
    /// Fewest missed infections at the budget.
    Budget,
}

#[derive(Debug, ClapArgs)]
struct Best {
    /// Prevalence, or mean risk.
    #[arg(long, default_value_t = 0.01)]
    p: f64,
    /// Risks of given people, for the informative classes.
    #[arg(long, value_delimiter = ',')]
    p_vector: Vec<f64>,
    /// Shape of the Beta risk profile where no people are given.
    #[arg(long, default_value_t = 2.0)]
    alpha: f64,
    /// D2, D3, D4, A2, A2M, ID2, ID3, IA2; all that fit if not given.
    #[arg(long, value_delimiter = ',')]
    algorithm: Vec<Algorithm>,
    /// Largest pool or line the rule book allows.
    #[arg(long, default_value_t = 30)]
    largest: usize,
    #[arg(long, value_enum, default_value_t = Aim::Tests)]
    aim: Aim,
    #[arg(long, default_value_t = 1.0)]
    d1: f64,
    #[arg(long, default_value_t = 1.0)]
    d2: f64,
    /// Tests per person that can be paid for.
    #[arg(long, default_value_t = 0.2)]
    budget: f64,
    /// Sensitivity: one value, or one for each stage.
    #[arg(long, value_delimiter = ',', default_value = "0.95")]
    se: Vec<f64>,
    /// Specificity: one value, or one for each stage.
    #[arg(long, value_delimiter = ',', default_value = "0.995")]
    sp: Vec<f64>,
    #[command(flatten)]
    output: Output,
}

#[derive(Debug, ClapArgs)]
struct Work {
    /// NAME=TESTS_PER_HOUR or NAME=TESTS_PER_HOUR@TURNAROUND_HOURS; may be given again.
    #[arg(long = "lab", value_parser = laboratory, default_value = "CDC=600@5")]
    labs: Vec<Laboratory>,
    /// Hours for the whole round.
    #[arg(long, default_value_t = 72.0)]
    hours: f64,
    /// Hours over which the swabs come in.
    #[arg(long, default_value_t = 36.0)]
    collection_hours: f64,
    /// Staff hours of the round; not limited if not given.
    #[arg(long)]
    staff_hours: Option<f64>,
    /// Tests worth running to find one more infection; as many as the limits allow if not given.
    #[arg(long)]
    worth: Option<f64>,
}

fn laboratory(text: &str) -> Result<Laboratory, String> {
    command::laboratory(text).map_err(|e| e.to_string())
}

impl Work {
    fn limits(&self) -> Limits {
        Limits {
            hours: self.hours,
            collection_hours: self.collection_hours,
            staff_minutes: self.staff_hours.map(|h| h * 60.0),
            worth: self.worth,
            ..Limits::default()
        }
    }
}

#[derive(Debug, ClapArgs)]
struct Household {
    /// Secondary attack rate in households.
    #[arg(long, default_value_t = 0.297)]
    sar: f64,
    /// How many times likelier than another member the representative is to be the first infected.
    #[arg(long, default_value_t = 1.0)]
    exposure: f64,
}

#[derive(Debug, ClapArgs)]
struct Plan {
    /// CSV: name, specimens, and p or pool_size, pools, positive; optional material (media, swab), laboratory.
    #[arg(long)]
    input: PathBuf,
    /// D2:10, D3:20|5+5+5+5, A2:8x12 …; a bare number is a pool of two stages.
    #[arg(long, value_delimiter = ',', default_value = "1,5,10,20")]
    designs: Vec<String>,
    /// How much last round's pools still count.
    #[arg(long, default_value_t = 0.2)]
    weight: f64,
    /// Growth of the odds of infection since.
    #[arg(long, default_value_t = 1.0)]
    growth: f64,
    /// Household size for the chart.
    #[arg(long, default_value_t = 4)]
    household: usize,
    #[command(flatten)]
    assay: Assay,
    #[command(flatten)]
    work: Work,
    #[command(flatten)]
    homes: Household,
    #[command(flatten)]
    output: Output,
}

#[derive(Debug, ClapArgs)]
struct Simulate {
    #[arg(long, default_value_t = 160)]
    communes: usize,
    #[arg(long, default_value_t = 273_636)]
    households: u32,
    /// Mean share of infected households.
    #[arg(long, default_value_t = 0.005)]
    prevalence: f64,
    #[arg(long, default_value = "10")]
    design: String,
    /// Households from this size on send two representatives.
    #[arg(long)]
    two_from: Option<usize>,
    /// Pool swabs where they are taken; positives are re-swabbed.
    #[arg(long)]
    swab_pools: bool,
    /// Shares: households away, infections too young to show, invalid reactions, people not reached again.
    #[arg(long, default_value_t = 0.0)]
    absent: f64,
    #[arg(long, default_value_t = 0.0)]
    invisible: f64,
    #[arg(long, default_value_t = 0.0)]
    invalid: f64,
    #[arg(long, default_value_t = 0.0)]
    unreached: f64,
    #[arg(long, default_value_t = 1)]
    seed: u64,
    #[command(flatten)]
    assay: Assay,
    #[command(flatten)]
    work: Work,
    #[command(flatten)]
    homes: Household,
    #[command(flatten)]
    output: Output,
}

/// Runs a pooling command: results to standard output, refusals as the error.
pub(crate) fn run(args: PoolingArgs) -> Result<(), String> {
    let (report, output) = match args.command {
        Command::Table { input } => return run_table(&input),
        Command::Best(a) => {
            let objective = match a.aim {
                Aim::Tests => Objective::ExpectedTests,
                Aim::Mar => Objective::TestsPerCorrect,
                Aim::Gr => Objective::Weighted { missed: a.d1, false_positive: a.d2 },
                Aim::Found => Objective::TestsPerFound,
                Aim::Budget => Objective::MissedAtBudget { tests_per_person: a.budget },
            };
            let args = BestArgs {
                algorithms: a.algorithm,
                p: a.p,
                p_vector: a.p_vector,
                alpha: a.alpha,
                se: a.se,
                sp: a.sp,
                largest: a.largest,
                objective,
            };
            (command::best(&args), a.output)
        }
        Command::Plan(a) => {
            let args = PlanArgs {
                communes: read(&a.input)?,
                designs: a.designs,
                quality: a.assay.quality(),
                limits: a.work.limits(),
                laboratories: a.work.labs,
                weight: a.weight,
                growth: a.growth,
                household: a.household,
                sar: a.homes.sar,
                exposure: a.homes.exposure,
            };
            (command::plan(&args), a.output)
        }
        Command::Simulate(a) => {
            let args = SimulateArgs {
                communes: a.communes,
                households: a.households,
                prevalence: a.prevalence,
                design: a.design,
                quality: a.assay.quality(),
                sar: a.homes.sar,
                exposure: a.homes.exposure,
                two_from: a.two_from,
                swab_pools: a.swab_pools,
                faults: Fault {
                    absent: a.absent,
                    invisible: a.invisible,
                    invalid: a.invalid,
                    unreached: a.unreached,
                },
                limits: a.work.limits(),
                laboratories: a.work.labs,
                seed: a.seed,
            };
            (command::simulate(&args), a.output)
        }
    };
    show(&report.map_err(|e| e.to_string())?, &output)
}

fn read(path: &Path) -> Result<String, String> {
    std::fs::read_to_string(path).map_err(|e| format!("{}: {e}", path.display()))
}

#[expect(clippy::print_stdout, reason = "the command line prints its result")]
fn run_table(input: &Path) -> Result<(), String> {
    let out = table::table(&read(input)?).map_err(|e| e.to_string())?;
    print!("{}", out.csv);
    // Rows that could be computed are printed all the same; the others make the command fail.
    if out.errors.is_empty() { Ok(()) } else { Err(out.errors.join("\n")) }
}

#[expect(clippy::print_stdout, reason = "the command line prints its result")]
fn show(report: &Report, output: &Output) -> Result<(), String> {
    if let Some(path) = &output.plot {
        std::fs::write(path, &report.chart).map_err(|e| format!("{}: {e}", path.display()))?;
    }
    println!("{}", if output.json { &report.json } else { report.human.trim_end() });
    Ok(())
}
