# needs: cargo
# A crate that asks for one which isn't in its registry: offline, none is.
mkdir src
printf '[package]\nname = "example"\nversion = "0.1.0"\nedition = "2021"\n\n[dependencies]\nexample-widget = { path = "../widget" }\n' >Cargo.toml
echo 'fn main() {}' >src/main.rs
cargo build --offline
