//! Hostile input through every door: the committed corpora of the fuzz targets replayed, and bent at every byte.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod doors;

type Door = (&'static str, fn(&[u8]));

const DOORS: [Door; 7] = [
    ("table", doors::rows),
    ("config", doors::config),
    ("readings", doors::readings),
    ("communes", doors::communes),
    ("ask", doors::ask),
    ("overlaps", doors::overlaps),
    ("search", doors::search),
];

fn corpus(door: &str) -> Vec<Vec<u8>> {
    let folder = format!("{}/fuzz/corpus/{door}", env!("CARGO_MANIFEST_DIR"));
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|f| f.unwrap().path()).collect();
    files.sort();
    files.iter().map(|f| std::fs::read(f).unwrap()).collect()
}

#[test]
fn the_committed_corpora_come_back_through_every_door() {
    for (door, open) in DOORS {
        let inputs = corpus(door);
        assert!(!inputs.is_empty(), "{door} has no corpus");
        inputs.iter().for_each(|input| open(input));
    }
}

#[test]
fn every_input_cut_short_or_with_a_byte_bent_comes_back() {
    for (door, open) in DOORS {
        for input in corpus(door).iter().filter(|i| i.len() < 400) {
            // Enough places to reach every field, few enough for every run of the tests.
            let step = (input.len() / 8).max(1);
            for at in (0..input.len()).step_by(step) {
                open(&input[..at]);
                for bent in [input[at] ^ 0x01, input[at] ^ 0x80, b'9', b','] {
                    let mut other = input.clone();
                    other[at] = bent;
                    open(&other);
                }
            }
        }
    }
}
