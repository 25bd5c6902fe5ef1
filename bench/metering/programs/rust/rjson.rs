// JSON into a tree of the standard library's collections, and back.
use std::collections::BTreeMap;
use std::fmt::Write;

enum Value {
    Null,
    Bool(bool),
    Number(f64),
    Text(String),
    List(Vec<Value>),
    Map(BTreeMap<String, Value>),
}

struct Reader<'a> {
    text: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    fn space(&mut self) {
        while self.at < self.text.len() && self.text[self.at].is_ascii_whitespace() {
            self.at += 1;
        }
    }

    fn next(&mut self, b: u8) -> bool {
        self.space();
        let found = self.text.get(self.at) == Some(&b);
        self.at += found as usize;
        found
    }

    fn string(&mut self) -> Option<String> {
        let mut s = Vec::new();
        loop {
            match *self.text.get(self.at)? {
                b'"' => break,
                b'\\' => {
                    self.at += 1;
                    s.push(match *self.text.get(self.at)? {
                        b'n' => b'\n',
                        b => b,
                    });
                }
                b => s.push(b),
            }
            self.at += 1;
        }
        self.at += 1;
        String::from_utf8(s).ok()
    }

    fn value(&mut self) -> Option<Value> {
        self.space();
        let rest = &self.text[self.at..];
        for (word, n) in [("null", 4), ("true", 4), ("false", 5)] {
            if rest.starts_with(word.as_bytes()) {
                self.at += n;
                return Some(if n == 4 && word == "null" { Value::Null } else { Value::Bool(n == 4) });
            }
        }
        if self.next(b'"') {
            return self.string().map(Value::Text);
        }
        if self.next(b'[') {
            let mut list = Vec::new();
            while !self.next(b']') {
                list.push(self.value()?);
                self.next(b',');
            }
            return Some(Value::List(list));
        }
        if self.next(b'{') {
            let mut map = BTreeMap::new();
            while !self.next(b'}') {
                if !self.next(b'"') {
                    return None;
                }
                let key = self.string()?;
                if !self.next(b':') {
                    return None;
                }
                map.insert(key, self.value()?);
                self.next(b',');
            }
            return Some(Value::Map(map));
        }
        let n = rest.iter().take_while(|b| b"+-.eE0123456789".contains(b)).count();
        self.at += n;
        std::str::from_utf8(&rest[..n]).ok()?.parse().ok().map(Value::Number)
    }
}

fn write(v: &Value, out: &mut String) {
    match v {
        Value::Null => out.push_str("null"),
        Value::Bool(b) => write!(out, "{}", b).unwrap(),
        Value::Number(n) => write!(out, "{}", n).unwrap(),
        Value::Text(s) => quote(s, out),
        Value::List(list) => {
            out.push('[');
            for (i, v) in list.iter().enumerate() {
                if i > 0 {
                    out.push(',');
                }
                write(v, out);
            }
            out.push(']');
        }
        Value::Map(map) => {
            out.push('{');
            for (i, (k, v)) in map.iter().enumerate() {
                if i > 0 {
                    out.push(',');
                }
                quote(k, out);
                out.push(':');
                write(v, out);
            }
            out.push('}');
        }
    }
}

fn quote(s: &str, out: &mut String) {
    out.push('"');
    for c in s.chars() {
        match c {
            '"' | '\\' => { out.push('\\'); out.push(c) }
            '\n' => out.push_str("\\n"),
            _ => out.push(c),
        }
    }
    out.push('"');
}

fn document() -> String {
    let mut text = String::from("[");
    for i in 0..9000u32 {
        if i > 0 {
            text.push(',');
        }
        write!(text, "{{\"active\":{},\"id\":{},\"name\":\"Grüße \\\"{:x}\\\"\\n\",\"none\":null,\"prices\":[{},{},{}],\"tags\":{{\"a\":\"{}\",\"b\":\"é\"}}}}",
            i % 3 == 0, i, i.wrapping_mul(2654435761), i as f64 / 8.0, i * 7, i as f64 * 0.25, i % 100).unwrap();
    }
    text.push(']');
    text
}

#[no_mangle]
pub extern "C" fn run(n: u32) -> u32 {
    let mut sum = 0u32;
    for _ in 0..n {
        let text = document();
        let v = Reader { text: text.as_bytes(), at: 0 }.value().unwrap();
        let mut out = String::new();
        write(&v, &mut out);
        assert!(out == text);
        sum = sum.wrapping_mul(31).wrapping_add(out.bytes().fold(7u32, |h, b| (h ^ b as u32).wrapping_mul(16777619)));
    }
    sum
}
