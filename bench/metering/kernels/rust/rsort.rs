// Sorting and a tree of the standard library.
use std::collections::BTreeMap;

#[no_mangle]
pub extern "C" fn run(n: u32) -> u32 {
    let (mut s, mut sum) = (1u32, 0u32);
    for _ in 0..n {
        let mut v = Vec::new();
        let mut m = BTreeMap::new();
        for i in 0..2000u32 {
            s = s.wrapping_mul(1664525).wrapping_add(1013904223);
            v.push(s);
            *m.entry(s % 997).or_insert(0u32) += i;
        }
        v.sort();
        sum = sum.wrapping_add(v[1000]).wrapping_add(m.values().fold(0u32, |a, b| a.wrapping_add(*b)));
    }
    sum
}
