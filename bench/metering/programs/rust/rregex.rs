// A regular expression engine: a parser, an automaton, and a lazily built deterministic one.
use std::collections::{BTreeSet, HashMap};

enum Ast {
    Set(Vec<(u8, u8)>),
    Cat(Vec<Ast>),
    Alt(Vec<Ast>),
    Star(Box<Ast>),
    Plus(Box<Ast>),
    Maybe(Box<Ast>),
}

struct Parser<'a>(std::iter::Peekable<std::slice::Iter<'a, u8>>);

impl<'a> Parser<'a> {
    fn alt(&mut self) -> Ast {
        let mut all = vec![self.cat()];
        while self.0.next_if(|b| **b == b'|').is_some() {
            all.push(self.cat());
        }
        Ast::Alt(all)
    }

    fn cat(&mut self) -> Ast {
        let mut all = Vec::new();
        while self.0.peek().map_or(false, |b| !b"|)".contains(b)) {
            let mut a = self.atom();
            loop {
                a = match self.0.peek() {
                    Some(b'*') => Ast::Star(Box::new(a)),
                    Some(b'+') => Ast::Plus(Box::new(a)),
                    Some(b'?') => Ast::Maybe(Box::new(a)),
                    _ => break,
                };
                self.0.next();
            }
            all.push(a);
        }
        Ast::Cat(all)
    }

    fn atom(&mut self) -> Ast {
        match *self.0.next().unwrap() {
            b'(' => {
                let a = self.alt();
                self.0.next();
                a
            }
            b'[' => {
                let mut set = Vec::new();
                loop {
                    let from = *self.0.next().unwrap();
                    if from == b']' {
                        return Ast::Set(set);
                    }
                    let to = if self.0.next_if(|b| **b == b'-').is_some() { *self.0.next().unwrap() } else { from };
                    set.push((from, to));
                }
            }
            b'.' => Ast::Set(vec![(0, 9), (11, 255)]),
            b'\\' => { let b = *self.0.next().unwrap(); Ast::Set(vec![(b, b)]) }
            b => Ast::Set(vec![(b, b)]),
        }
    }
}

enum State {
    Byte(Vec<(u8, u8)>, usize),
    Split(usize, usize),
    Match,
}

// build adds what matches a, and then goes on to the state then.
fn build(a: &Ast, then: usize, out: &mut Vec<State>) -> usize {
    match a {
        Ast::Set(s) => out.push(State::Byte(s.clone(), then)),
        Ast::Cat(all) => return all.iter().rev().fold(then, |t, a| build(a, t, out)),
        Ast::Alt(all) => {
            let first = build(&all[0], then, out);
            return all[1..].iter().fold(first, |f, a| {
                let other = build(a, then, out);
                out.push(State::Split(f, other));
                out.len() - 1
            });
        }
        Ast::Star(inner) | Ast::Plus(inner) => {
            let at = out.len();
            out.push(State::Split(0, then));
            let body = build(inner, at, out);
            out[at] = State::Split(body, then);
            return if let Ast::Plus(_) = a { body } else { at };
        }
        Ast::Maybe(a) => {
            let body = build(a, then, out);
            out.push(State::Split(body, then));
        }
    }
    out.len() - 1
}

// close adds a state and all that it leads to without a byte.
fn close(states: &[State], at: usize, set: &mut BTreeSet<usize>) {
    if set.insert(at) {
        if let State::Split(a, b) = states[at] {
            close(states, a, set);
            close(states, b, set);
        }
    }
}

struct Machine {
    states: Vec<State>,
    start: usize,
    known: HashMap<Vec<usize>, usize>,
    sets: Vec<Vec<usize>>,
    next: Vec<[u32; 256]>,
    ends: Vec<bool>,
}

const UNKNOWN: u32 = u32::MAX;

impl Machine {
    fn new(pattern: &str) -> Machine {
        let ast = Parser(pattern.as_bytes().iter().peekable()).alt();
        let mut states = vec![State::Match];
        let start = build(&ast, 0, &mut states);
        Machine { states, start, known: HashMap::new(), sets: vec![], next: vec![], ends: vec![] }
    }

    fn state(&mut self, set: BTreeSet<usize>) -> usize {
        let list: Vec<usize> = set.into_iter().collect();
        if let Some(&at) = self.known.get(&list) {
            return at;
        }
        self.ends.push(list.contains(&0));
        self.next.push([UNKNOWN; 256]);
        self.known.insert(list.clone(), self.sets.len());
        self.sets.push(list);
        self.sets.len() - 1
    }

    fn step(&mut self, at: usize, b: u8) -> usize {
        let known = self.next[at][b as usize];
        if known != UNKNOWN {
            return known as usize;
        }
        let mut set = BTreeSet::new();
        for &s in &self.sets[at] {
            if let State::Byte(ranges, then) = &self.states[s] {
                if ranges.iter().any(|r| r.0 <= b && b <= r.1) {
                    close(&self.states, *then, &mut set);
                }
            }
        }
        let to = self.state(set);
        self.next[at][b as usize] = to as u32;
        to
    }

    // all finds what matches, the longest each time.
    fn all<'a>(&mut self, text: &'a [u8]) -> Vec<&'a [u8]> {
        let mut set = BTreeSet::new();
        close(&self.states, self.start, &mut set);
        let first = self.state(set);
        let (mut found, mut from) = (vec![], 0);
        while from < text.len() {
            let (mut at, mut end) = (first, 0);
            for i in from..text.len() {
                at = self.step(at, text[i]);
                if self.ends[at] {
                    end = i + 1;
                }
                if self.sets[at].is_empty() {
                    break;
                }
            }
            if end > from {
                found.push(&text[from..end]);
            }
            from = end.max(from + 1);
        }
        found
    }
}

#[no_mangle]
pub extern "C" fn run(n: u32) -> u32 {
    let mut sum = 0u32;
    for r in 0..n {
        let mut text = String::new();
        let mut s = 1u32 + r % 3;
        while text.len() < 1 << 20 {
            s = s.wrapping_mul(1664525).wrapping_add(1013904223);
            text.push_str(&format!("{} user{}@host{}.example.org 192.168.{}.{} 2026-11-{:02} ", s >> 8, s % 977, s % 31, s % 256, (s >> 16) % 256, s % 30 + 1));
        }
        for p in ["[a-z0-9]+@[a-z0-9.]+\\.(org|com)", "[0-9]+\\.[0-9]+\\.[0-9]+\\.[0-9]+", "20[0-9][0-9]-(0?[1-9]|1[012])-[0-3][0-9]", "(a|b|user)?(9|8|7)*[13579] "] {
            for m in Machine::new(p).all(text.as_bytes()) {
                sum = m.iter().fold(sum, |h, b| (h ^ *b as u32).wrapping_mul(16777619));
            }
        }
    }
    sum
}
