// Compression: a move-to-front transform behind Burrows-Wheeler, and a Huffman code.
use std::cmp::Reverse;
use std::collections::BinaryHeap;

fn text(size: usize) -> Vec<u8> {
    let words = ["fuel ", "slice ", "stack ", "the ", "a ", "guest ", "asks ", "for ", "more\n", "and ", "gets ", "it ", "once "];
    let (mut t, mut s) = (Vec::with_capacity(64), 9u32);
    while t.len() < size {
        s = s.wrapping_mul(1664525).wrapping_add(1013904223);
        t.extend_from_slice(words[(s >> 24) as usize % 13].as_bytes());
        if s & 0x700 == 0 {
            t.push((s >> 16) as u8 | 128);
        }
    }
    t
}

// rotate sorts all rotations by doubling what they are compared by.
fn rotate(t: &[u8]) -> (Vec<u8>, usize) {
    let n = t.len();
    let mut order: Vec<u32> = (0..n as u32).collect();
    let mut rank: Vec<u32> = t.iter().map(|b| *b as u32).collect();
    let mut k = 1;
    loop {
        let key = |i: u32| (rank[i as usize], rank[(i as usize + k) % n]);
        order.sort_by_key(|i| key(*i));
        let mut fresh = vec![0u32; n];
        for w in 1..n {
            let more = key(order[w]) != key(order[w - 1]);
            fresh[order[w] as usize] = fresh[order[w - 1] as usize] + more as u32;
        }
        rank = fresh;
        k *= 2;
        if k >= n || rank[order[n - 1] as usize] == n as u32 - 1 {
            break;
        }
    }
    let last = order.iter().map(|i| t[(*i as usize + n - 1) % n]).collect();
    (last, order.iter().position(|i| *i == 0).unwrap())
}

fn unrotate(last: &[u8], first: usize) -> Vec<u8> {
    let mut count = [0usize; 257];
    last.iter().for_each(|b| count[*b as usize + 1] += 1);
    (0..256).for_each(|i| count[i + 1] += count[i]);
    let mut next = vec![0u32; last.len()];
    for (i, b) in last.iter().enumerate() {
        next[count[*b as usize]] = i as u32;
        count[*b as usize] += 1;
    }
    let mut at = next[first] as usize;
    (0..last.len()).map(|_| { let b = last[at]; at = next[at] as usize; b }).collect()
}

fn front(t: &[u8], back: bool) -> Vec<u8> {
    let mut order: Vec<u8> = (0..=255).collect();
    t.iter()
        .map(|b| {
            let at = if back { *b as usize } else { order.iter().position(|o| o == b).unwrap() };
            let v = order.remove(at);
            order.insert(0, v);
            if back { v } else { at as u8 }
        })
        .collect()
}

// lengths is how many bits the code of each byte has.
fn lengths(t: &[u8]) -> [u32; 256] {
    let mut freq = [0u32; 256];
    t.iter().for_each(|b| freq[*b as usize] += 1);
    let mut heap: BinaryHeap<Reverse<(u32, Vec<u8>)>> = (0..256).filter(|b| freq[*b] > 0).map(|b| Reverse((freq[b], vec![b as u8]))).collect();
    let mut bits = [0u32; 256];
    while heap.len() > 1 {
        let (Reverse(mut a), Reverse(b)) = (heap.pop().unwrap(), heap.pop().unwrap());
        a.1.extend(b.1);
        a.1.iter().for_each(|s| bits[*s as usize] += 1);
        heap.push(Reverse((a.0 + b.0, a.1)));
    }
    bits
}

#[no_mangle]
pub extern "C" fn run(n: u32) -> u32 {
    let mut sum = 0u32;
    for _ in 0..n {
        let t = text(1 << 18);
        for block in t.chunks(1 << 17) {
            let (last, first) = rotate(block);
            let coded = front(&last, false);
            let bits = lengths(&coded);
            let size: u32 = coded.iter().map(|b| bits[*b as usize]).sum();
            assert!(unrotate(&front(&coded, true), first) == block);
            sum = sum.wrapping_mul(31).wrapping_add(size).wrapping_add(first as u32);
        }
    }
    sum
}
