// Formatting, parsing and hashing of strings.
use std::collections::HashMap;
use std::fmt::Write;

#[no_mangle]
pub extern "C" fn run(n: u32) -> u32 {
    let mut sum = 0u32;
    for r in 0..n {
        let mut text = String::new();
        for i in 0..200u32 {
            write!(text, "{}:{:x} ", i * 7 + r % 5, i).unwrap();
        }
        let mut m: HashMap<&str, u32> = HashMap::new();
        for w in text.split_whitespace() {
            let mut parts = w.split(':');
            let k: u32 = parts.next().unwrap().parse().unwrap();
            *m.entry(parts.next().unwrap()).or_insert(0) += k;
        }
        sum = sum.wrapping_add(m.values().fold(0u32, |a, b| a.wrapping_add(*b)));
    }
    sum
}
