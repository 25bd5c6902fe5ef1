// A full-text index: words are counted, sorted, and looked up.
use std::collections::{BTreeMap, BinaryHeap, HashMap};

const SYLLABLES: [&str; 16] = ["ba", "ke", "lo", "mi", "nu", "ra", "so", "ti", "va", "ze", "pho", "str", "qui", "che", "der", "un"];

fn text(documents: u32) -> Vec<String> {
    let mut s = 3u32;
    let mut next = move || {
        s ^= s << 13;
        s ^= s >> 17;
        s ^= s << 5;
        s
    };
    (0..documents)
        .map(|_| {
            let mut t = String::new();
            for _ in 0..60 + next() % 60 {
                for _ in 0..1 + next() % 3 {
                    t.push_str(SYLLABLES[next() as usize % 16]);
                }
                t.push(if next() % 9 == 0 { '.' } else { ' ' });
            }
            t
        })
        .collect()
}

#[no_mangle]
pub extern "C" fn run(n: u32) -> u32 {
    let mut sum = 0u32;
    for _ in 0..n {
        let documents = text(3000);
        let mut index: HashMap<String, Vec<(u32, u32)>> = HashMap::new();
        for (d, t) in documents.iter().enumerate() {
            let mut counts: BTreeMap<&str, u32> = BTreeMap::new();
            for w in t.split(|c: char| !c.is_alphabetic()).filter(|w| !w.is_empty()) {
                *counts.entry(w).or_insert(0) += 1;
            }
            for (w, c) in counts {
                index.entry(w.to_uppercase()).or_default().push((d as u32, c));
            }
        }
        let mut words: Vec<(&String, usize)> = index.iter().map(|(w, l)| (w, l.len())).collect();
        words.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
        for (w, count) in words.iter().take(2000) {
            let mut best: BinaryHeap<(u32, u32)> = BinaryHeap::new();
            for (d, c) in &index[*w] {
                best.push((*c, *d));
            }
            let top = best.into_sorted_vec();
            let last = top[top.len() - 1];
            sum = sum.wrapping_mul(31).wrapping_add(last.0 * 7 + last.1 + *count as u32);
            sum = w.bytes().fold(sum, |h, b| (h ^ b as u32).wrapping_mul(16777619));
        }
    }
    sum
}
