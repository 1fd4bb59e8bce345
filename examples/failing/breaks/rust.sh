# needs: rustc
# A value of the wrong type.
printf 'fn main() {\n    let unused = 1;\n    let size: u32 = "three";\n    println!("{}", size);\n}\n' >main.rs
rustc --edition 2021 main.rs
