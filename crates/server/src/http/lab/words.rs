//! What is said of wells, readings and refusals, in both languages.

use crate::http::problem::{FieldError, Problem, Text, text};
use axum::http::StatusCode;
use greenfort_domain::lab::{
    ControlKind, Guard, Refusal as ReleaseRefusal, RunFault, SheetError, SheetProblem,
};
use greenfort_store::lab::readings::Untaken;
use greenfort_store::lab::release::Held;
use greenfort_store::lab::runs::Misfit;

pub fn control(kind: ControlKind) -> Text {
    match kind {
        ControlKind::NoTemplate => text("chứng âm (nước)", "no-template control"),
        ControlKind::ExtractionBlank => text("chứng tách chiết trống", "extraction blank"),
        ControlKind::Positive => text("chứng dương", "positive control"),
    }
}

/// A field error that names the well.
fn at(well: &impl ToString, code: &'static str, message: Text) -> FieldError {
    FieldError { field: format!("wells[{}]", well.to_string()), code, message }
}

pub fn misfit(misfit: &Misfit) -> FieldError {
    match misfit {
        Misfit::OffPlate(well) => at(
            well,
            "off-plate",
            text(
                format!("Giếng {well} không có trên đĩa này."),
                format!("Well {well} is not on this plate."),
            ),
        ),
        Misfit::WellTwice(well) => at(
            well,
            "well-twice",
            text(format!("Giếng {well} ghi hai lần."), format!("Well {well} stands on the map twice.")),
        ),
        Misfit::LabelTwice(well, label) => at(
            well,
            "label-twice",
            text(
                format!("Giếng {well}: {label} đã ở giếng khác."),
                format!("Well {well}: {label} stands in another well too."),
            ),
        ),
        Misfit::Unknown(well, label) => at(
            well,
            "unknown",
            text(
                format!("Giếng {well}: không có ống hay mẫu gộp nào tên {label}. Quét lại nhãn."),
                format!("Well {well}: no tube or pool is called {label}. Scan the label again."),
            ),
        ),
        Misfit::NotReceived(well, label) => at(
            well,
            "not-received",
            text(
                format!(
                    "Giếng {well}: ống {label} chưa được nhận ở đây, hoặc đã bị từ chối. Quét nhận trước."
                ),
                format!(
                    "Well {well}: tube {label} was not received here, or was rejected. Receive it first."
                ),
            ),
        ),
        Misfit::NotDue(well, label) => at(
            well,
            "not-due",
            text(
                format!(
                    "Giếng {well}: {label} không cần chạy lúc này: đang ở mẻ khác, đã có kết quả, hoặc đang nằm trong mẫu gộp."
                ),
                format!(
                    "Well {well}: {label} is not to be run now: it is in another run, has its result, or waits in a pool."
                ),
            ),
        ),
        Misfit::MissingControl { kind, wanted, found } => {
            let kind = control(*kind);
            FieldError {
                field: "wells".into(),
                code: "control",
                message: text(
                    format!("Bộ xét nghiệm cần {wanted} giếng {}, sơ đồ có {found}.", kind.vi),
                    format!("The assay asks for {wanted} wells of {}, the map has {found}.", kind.en),
                ),
            }
        }
        Misfit::NoSample => FieldError {
            field: "wells".into(),
            code: "empty",
            message: text("Sơ đồ chưa có mẫu nào.", "There is no sample on the map."),
        },
    }
}

pub fn untaken(untaken: &Untaken) -> Vec<FieldError> {
    match untaken {
        Untaken::NoSuchWell(well) => vec![at(
            well,
            "no-such-well",
            text(
                format!("Giếng {well}: sơ đồ không có gì ở đây."),
                format!("Well {well}: nothing was put into this well."),
            ),
        )],
        Untaken::Missing(wells) => wells
            .iter()
            .map(|well| {
                at(
                    well,
                    "missing",
                    text(
                        format!("Giếng {well} chưa có kết quả. Nhập đủ cả đĩa."),
                        format!("Well {well} has no result. Enter the whole plate."),
                    ),
                )
            })
            .collect(),
    }
}

/// A line of a result file that does not fit.
pub fn sheet(problem: &SheetProblem) -> FieldError {
    let place = match (problem.line, problem.well) {
        (Some(line), Some(well)) => {
            (format!("Dòng {line}, giếng {well}: "), format!("Line {line}, well {well}: "))
        }
        (Some(line), None) => (format!("Dòng {line}: "), format!("Line {line}: ")),
        (None, Some(well)) => (format!("Giếng {well}: "), format!("Well {well}: ")),
        (None, None) => (String::new(), String::new()),
    };
    let field = problem.well.map_or_else(|| "file".to_owned(), |well| format!("wells[{well}]"));
    let vi = match &problem.error {
        SheetError::NotText => {
            "Tệp không phải văn bản. Xuất kết quả ra CSV hoặc văn bản cách tab.".to_owned()
        }
        SheetError::NoHead(heads) => {
            format!("Không thấy dòng tiêu đề {heads}. Chọn đúng máy đã ghi tệp này.")
        }
        SheetError::NoResult => "Bảng có tiêu đề mà không có kết quả nào.".to_owned(),
        SheetError::Cell(why) => format!("Ô này không đọc được ({why})."),
        SheetError::Twice { target } => format!("{target} của giếng này ghi hai lần trong tệp."),
        SheetError::OffPlate(wells) => format!("Giếng này không có trên đĩa {wells} giếng."),
        SheetError::NothingPlanned => "Tệp có kết quả mà sơ đồ không đặt gì vào giếng này.".to_owned(),
        SheetError::NoLine { planned } => {
            format!("Giếng này có {planned} mà tệp không có kết quả. Xuất lại cả đĩa.")
        }
        SheetError::OtherTube { file, planned } => {
            format!("Tệp ghi {file} mà sơ đồ đặt {planned}. Có phải tệp của mẻ khác?")
        }
    };
    FieldError {
        field,
        code: "file",
        message: text(format!("{}{vi}", place.0), format!("{}{}.", place.1, problem.error)),
    }
}

pub fn fault(fault: &RunFault) -> Text {
    let vi = match fault {
        RunFault::Missing { kind, wanted, found } => {
            format!("Bộ xét nghiệm cần {wanted} giếng {}, mẻ có {found}.", control(*kind).vi)
        }
        RunFault::Rose { well, kind, target, ct } => {
            format!(
                "Giếng {well}: {target} lên ở Ct {ct} trong {}, nơi không được lên gì.",
                control(*kind).vi
            )
        }
        RunFault::DidNotRise { well, kind, target } => {
            format!("Giếng {well}: {target} không lên trong {}.", control(*kind).vi)
        }
        RunFault::OutsideWindow { well, target, ct, window: (from, to) } => {
            format!("Giếng {well}: {target} của chứng dương lên ở Ct {ct}, ngoài khoảng {from}–{to}.")
        }
    };
    text(vi, format!("{fault}."))
}

pub fn guard(guard: Guard) -> Text {
    match guard {
        Guard::OverValidated => text(
            "Nhiều ống hơn cỡ gộp mà bộ xét nghiệm cho phép.",
            "More tubes than the kit is validated for.",
        ),
        Guard::OverPlanned => text("Nhiều ống hơn cỡ gộp đã định.", "More tubes than the planned pool size."),
        Guard::SameTubeTwice => text("Quét cùng một ống hai lần.", "The same tube was scanned twice."),
        Guard::NotReceived => text("Ống chưa được nhận ở đây.", "The tube was not received here."),
        Guard::Rejected => text("Ống đã bị từ chối hoặc mất.", "The tube was rejected or lost."),
        Guard::AlreadyPooled => text("Ống đang ở mẫu gộp khác.", "The tube stands in another pool."),
        Guard::DuplicateDonor => {
            text("Một người cho hai ống trong mẫu gộp này.", "One person gave two tubes of this pool.")
        }
        Guard::WrongRound => text("Ống thuộc vòng khác.", "The tube is of another round."),
        Guard::ExpiredLot => {
            text("Lô môi trường hoặc que đã hết hạn.", "Its lot of medium or swabs has expired.")
        }
        Guard::HouseholdSplit => {
            text("Hộ này có ống ở mẫu gộp khác.", "This household has a tube in another pool.")
        }
    }
}

/// Why a run is not released.
pub fn held(held: &Held) -> Box<Problem> {
    let (code, detail) = match held {
        Held::Incomplete => (
            "incomplete",
            text(
                "Còn giếng chưa có kết quả. Nhập đủ cả đĩa rồi duyệt.",
                "Some wells have no result. Enter the whole plate, then release.",
            ),
        ),
        Held::GivenUp => (
            "given-up",
            text("Mẻ này đã bỏ. Mở mẻ chạy lại.", "This run was given up. Open the run that repeats it."),
        ),
        Held::Policy(refusal) => policy(refusal),
    };
    Problem::new(StatusCode::CONFLICT, code, text("Chưa duyệt được", "Not released"), detail)
}

fn policy(refusal: &ReleaseRefusal) -> (&'static str, Text) {
    match refusal {
        ReleaseRefusal::Empty => {
            ("nothing-to-release", text("Không còn kết quả nào chờ duyệt.", "No reading waits for release."))
        }
        ReleaseRefusal::RunInvalid => (
            "run-invalid",
            text(
                "Chứng không đạt nên cả mẻ không có giá trị. Bỏ mẻ này và chạy lại.",
                "A control failed, so nothing of the run counts. Give it up and run it again.",
            ),
        ),
        ReleaseRefusal::OwnReading => (
            "own-reading",
            text(
                "Người đọc hoặc nhập kết quả không tự duyệt. Nhờ người thứ hai.",
                "Whoever read or imported a result does not release it. Ask a second person.",
            ),
        ),
        ReleaseRefusal::NeedsRole(_) => (
            "needs-role",
            text(
                "Kết quả này cần trưởng phòng xét nghiệm (test nhanh: trưởng điểm) duyệt.",
                "This needs the laboratory lead (rapid tests: the site lead).",
            ),
        ),
        ReleaseRefusal::WindowOpen => (
            "window-open",
            text(
                "Chưa hết thời gian đọc của test nhanh.",
                "The reading window of a cassette has not closed yet.",
            ),
        ),
        ReleaseRefusal::Anomalies(n) => (
            "anomalies",
            text(
                format!("Có {n} điều bất thường cần người xem."),
                format!("{n} anomalies have to be looked at by a person."),
            ),
        ),
        ReleaseRefusal::NoRule => (
            "no-rule",
            text(
                "Không có quy định duyệt nào cho kết quả này.",
                "No rule of the release policy covers these readings.",
            ),
        ),
    }
}
