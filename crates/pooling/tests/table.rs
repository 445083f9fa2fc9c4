//! `pooling table` takes tables as R, spreadsheets and people write them, and says of every row it refuses which column is
//! wrong.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use greenfort_pooling::table::table;

const HEAD: &str = "id,kind,algorithm,p_mean,p_vector,Se,Sp,size_min,size_max,config\n";

/// The answers of rows, without their ids.
fn answers(input: &str) -> Vec<String> {
    let out = table(input).unwrap();
    assert!(out.errors.is_empty(), "{:?}", out.errors);
    out.csv.lines().skip(1).map(|l| l.split_once(',').unwrap().1.to_owned()).collect()
}

fn one(row: &str) -> String {
    answers(&format!("{HEAD}{row}\n")).remove(0)
}

#[test]
fn one_design_written_in_many_ways_is_one_design() {
    let plain = one("a,opChar1,D3,0.01,,0.95;0.9;0.9,0.99;0.98;0.98,,,20|5+5+5+5");
    for row in [
        "a,opchar1,d3,1e-02,NA,0.95;0.9;0.9,0.99;0.98;0.98,NA,NA,20|5+5+5+5",
        "\"a\",\"opChar1\",\"D3\",\".01\",\"\",\"c(0.95, 0.9, 0.9)\",\"0.99,0.98,0.98\",\"\",\"\",\"20|5+5+5+5\"",
        "a, opChar1 , D3 , 0.010 ,,0.95 0.9 0.9, 0.99 ;0.98; 0.98,,, 20 | 5 + 5 + 5 + 5",
        "a,opChar1,D3,1E-2,nan,9.5e-1;9e-1;9e-1,0.99;0.98;0.98,3,30,20|5+5+5+5",
    ] {
        assert_eq!(one(row), plain, "{row}");
    }
    let best = one("a,OTC1,D2,0.01,,0.95,0.99,2,100,");
    for row in ["a,OTC1,D2,0.01,,0.95,0.99,2.0,1e+02,NA", "a,otc1,D2,0.01,,0.95,0.99,2,100,7"] {
        assert_eq!(one(row), best, "{row}");
    }
    assert_eq!(one("a,opChar1,A2,0.02,,0.9,0.98,,,8X8"), one("a,opChar1,A2,0.02,,0.9,0.98,,,8x8"));
}

#[test]
fn marks_line_ends_separators_and_columns_may_be_a_spreadsheet_s() {
    let rows = [
        "id,kind,algorithm,p_mean,p_vector,Se,Sp,size_min,size_max,config",
        "a,OTC1,D3,0.02,,0.9,0.98,3,30,",
        "b,opChar1,ID2,0.02,0.01;0.02;0.03,0.9,0.98,,,2+1",
    ];
    let plain = answers(&rows.join("\n"));
    assert_eq!(answers(&format!("\u{feff}{}\r\n", rows.join("\r\n"))), plain);
    assert_eq!(answers(&format!("\u{feff}\"id\"{}", &rows.join("\n")[2..])), plain);
    assert_eq!(answers(&rows.join("\n").replace(',', "\t")), plain);
    let quoted = rows.join("\n").replace("0.01;0.02;0.03", "\"0.01;0.02;0.03\"");
    assert_eq!(answers(&quoted.replace(',', ";")), plain);
    assert_eq!(answers(&format!("{}\n,,,,,,,,,\n\n", rows.join("\n"))), plain, "empty rows at the end");
    let other = "note,config,size_max,size_min,Sp,Se,p_vector,p_mean,algorithm,kind,id\n,,30,3,0.98,0.9,,0.02,D3,OTC1,a";
    assert_eq!(answers(other), plain[..1]);
}

#[test]
fn every_refused_row_names_its_column_and_the_others_are_answered() {
    let rows = [
        ("opChar1,D2,0.01,,0.9,0.99,,,5", None),
        ("opChar1,D2,1.01,,0.9,0.99,,,5", Some("p_mean")),
        ("opChar1,ID2,,0.1;0.2;1.2,0.9,0.99,,,2+1", Some("p_vector")),
        ("opChar1,ID2,,0.1;0.2,0.9,0.99,,,2+1", Some("p_vector")),
        ("opChar1,A2,0.1,,0.9,0.99,,,1x5", Some("config")),
        ("opChar1,D2,abc,,0.9,0.99,,,5", Some("p_mean")),
        ("opChar1,D2,,,0.9,0.99,,,5", Some("p_mean")),
        ("opChar1,ID2,,0.1;x,0.9,0.99,,,2", Some("p_vector")),
        ("opChar1,ID2,,0.1;;0.2,0.9,0.99,,,2", Some("p_vector")),
        ("opChar1,D2,0.01,,0.9;0.9;0.9,0.99,,,5", Some("Se")),
        ("opChar1,D2,0.01,,0.9,,,,5", Some("Sp")),
        ("opChar1,D2,0.01,,0.4,0.5,,,5", Some("Se")),
        ("opChar1,D2,0.01,,0.9,0.99,,,", Some("config")),
        ("opChar1,D2,0.01,,0.9,0.99,,,0", Some("config")),
        ("opChar1,D3,0.01,,0.9,0.99,,,10|5+4", Some("config")),
        ("opChar1,D3,0.01,,0.9,0.99,,,10", Some("config")),
        ("opChar1,A2,0.01,,0.9,0.99,,,10x", Some("config")),
        ("opChar1,D2,0.01,,0.9,0.99,,,1000000", Some("config")),
        ("OTC1,D2,0.01,,0.9,0.99,,30,", Some("size_min")),
        ("OTC1,D2,0.01,,0.9,0.99,2,3.5,", Some("size_max")),
        ("OTC1,D2,0.01,,0.9,0.99,9,2,", Some("size_min")),
        ("OTC1,D2,0.01,,0.9,0.99,2,1e6,", Some("size_max")),
        ("OTC1,D9,0.01,,0.9,0.99,2,30,", Some("algorithm")),
        ("OTC2,D2,0.01,,0.9,0.99,2,30,", Some("kind")),
        ("opChar1,D2,0.02,,0.9,0.99,,,6", None),
    ];
    let mut input = HEAD.to_owned();
    for (number, (row, _)) in rows.iter().enumerate() {
        input += &format!("r{},{row}\n", number + 1);
    }
    let out = table(&input).unwrap();
    let lines: Vec<&str> = out.csv.lines().skip(1).collect();
    assert_eq!(lines.len(), rows.len(), "no row is lost");
    let mut errors = out.errors.iter();
    for (number, ((row, column), line)) in rows.iter().zip(lines).enumerate() {
        let n = number + 1;
        match column {
            None => assert!(line.starts_with(&format!("r{n},{}", &row[row.len() - 1..])), "{line}"),
            Some(column) => {
                assert_eq!(line, format!("r{n},,,,,,,"), "{row}");
                let error = errors.next().unwrap();
                assert!(error.starts_with(&format!("row {n} (r{n}): {column}: ")), "{row}: {error}");
            }
        }
    }
    assert_eq!(errors.next(), None);
}
