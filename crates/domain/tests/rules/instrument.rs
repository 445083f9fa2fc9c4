//! Result files as instruments and people really produce them.

use greenfort_domain::lab::{ColumnMap, Ct, Plate, SheetError, Well, fit, read_sheet};
use proptest::prelude::*;
use std::collections::BTreeMap;

const HEAD: &str = "* Block Type = 96-Well\r\n* Experiment File Name = ca-sang\r\n\r\n[Results]\r\n\
                    Well;Well Position;Omit;Sample Name;Target Name;Task;CT;Ct Mean\r\n";

type Curve = (String, String, Option<u32>);

fn read(text: &str) -> Result<Vec<Curve>, Vec<String>> {
    read_sheet(text.as_bytes(), &ColumnMap::quant_studio(), Plate::Wells96)
        .map(|rows| {
            rows.into_iter().map(|r| (r.well.to_string(), r.target, r.ct.map(Ct::thousandths))).collect()
        })
        .map_err(|problems| problems.iter().map(ToString::to_string).collect())
}

#[test]
fn a_quant_studio_file_with_semicolons_and_decimal_commas_is_read() {
    let text = format!(
        "{HEAD}1;A1;FALSE;BT0001;E;UNKNOWN;31,25;31,3\r\n1;A1;FALSE;BT0001;N;UNKNOWN;Undetermined;\r\n\
         2;A2;FALSE;BT0002;E;UNKNOWN;N/A;\r\n2;A2;FALSE;BT0002;N;UNKNOWN;-;\r\n3;A3;FALSE;;;UNKNOWN;;\r\n"
    );
    let well = |w: &str, t: &str, ct| (w.to_owned(), t.to_owned(), ct);
    assert_eq!(
        read(&text).unwrap(),
        [well("A1", "E", Some(31_250)), well("A1", "N", None), well("A2", "E", None), well("A2", "N", None)]
    );
}

#[test]
fn the_same_file_reads_the_same_with_tabs_commas_and_in_utf16() {
    let text = format!("{HEAD}1;A1;FALSE;BT0001;E;UNKNOWN;31.25;\r\n");
    let expected = read(&text).unwrap();
    assert_eq!(read(&text.replace(';', "\t")).unwrap(), expected);
    assert_eq!(read(&text.replace(';', ",")).unwrap(), expected);
    let wide: Vec<u8> =
        [0xFF, 0xFE].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect();
    assert_eq!(read_sheet(&wide, &ColumnMap::quant_studio(), Plate::Wells96).unwrap().len(), 1);
}

#[test]
fn everything_wrong_with_a_file_is_named_by_line_and_well_and_nothing_is_taken_over() {
    let text = format!(
        "{HEAD}1;A1;F;BT0001;E;U;0;\r\n1;A1;F;BT0001;N;U;31,2;\r\n1;A1;F;BT0001;N;U;31,2;\r\n\
         9;Q1;F;BT0009;E;U;30;\r\n9;I1;F;BT0009;E;U;30;\r\n9;B1;F;BT0009;E;U;dương tính;\r\n"
    );
    assert_eq!(
        read(&text).unwrap_err(),
        [
            "line 6: well A1: E: a cycle threshold of 0 cannot be: write Undetermined where the curve never rose",
            "line 8: well A1: N of this well stands in the file twice",
            "line 9: `Q1` names no well: a letter A to P and a number 1 to 24, such as A1 or H12",
            "line 10: well I1: this well is not on a plate of 96 wells",
            "line 11: well B1: E: `dương tính` is no cycle threshold: expected a number such as 31.25 or 31,25, or Undetermined",
        ]
    );
}

#[test]
fn a_file_of_another_instrument_and_a_file_without_results_say_so() {
    let problem = |text: &str| read(text).unwrap_err().remove(0);
    assert_eq!(
        problem("Plate;Pos;Cq\r\n1;A1;30\r\n"),
        "no line holds the heads Well Position, Sample Name, Target Name, CT; choose the instrument that wrote the file"
    );
    assert_eq!(problem(HEAD), "the table has heads and no result below them");
    let binary = read_sheet(&[0x50, 0x4B, 3, 4, 0, 0], &ColumnMap::quant_studio(), Plate::Wells96);
    assert_eq!(binary.unwrap_err()[0].error, SheetError::NotText);
}

#[test]
fn a_file_fits_its_plate_or_every_well_that_does_not_is_named() {
    let map = ColumnMap::quant_studio();
    let planned: BTreeMap<Well, String> = [("A1", "BT0001"), ("A2", "BT0002")]
        .into_iter()
        .map(|(w, t)| (w.parse().unwrap(), t.to_owned()))
        .collect();
    let file = |rows: &str| read_sheet(format!("{HEAD}{rows}").as_bytes(), &map, Plate::Wells96).unwrap();
    let good = file("1;A1;F;BT0001;E;U;;\r\n2;A2;F;BT0002;E;U;;\r\n");
    assert_eq!(fit(&planned, &good).unwrap().len(), 2);
    let half = file("1;A1;F;BT0001;E;U;;\r\n");
    let swapped = file("1;A1;F;BT0777;E;U;;\r\n2;A2;F;BT0002;E;U;;\r\n3;A3;F;BT0003;E;U;;\r\n");
    let say =
        |rows| -> Vec<String> { fit(&planned, rows).unwrap_err().iter().map(ToString::to_string).collect() };
    assert_eq!(
        say(&half),
        [
            "well A2: `BT0002` was put into this well and the file has no result for it: export the whole plate"
        ]
    );
    assert_eq!(
        say(&swapped),
        [
            "line 6: well A1: the file says `BT0777`, but `BT0001` was put into this well: is it the file of another run?",
            "line 8: well A3: the file has a result here, but nothing was put into this well",
        ]
    );
}

proptest! {
    #[test]
    fn no_file_makes_the_reader_panic(noise in prop::collection::vec(any::<u8>(), 0..300), after_head in any::<bool>()) {
        let mut bytes = if after_head { HEAD.as_bytes().to_vec() } else { Vec::new() };
        bytes.extend(noise);
        let _ = read_sheet(&bytes, &ColumnMap::quant_studio(), Plate::Wells96);
    }
}
