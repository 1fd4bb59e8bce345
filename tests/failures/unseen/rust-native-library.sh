# needs: cargo rustc cc
# A crate that links with a library of the system that isn't there.
set -eu
export LC_ALL=C

parts="args batch cache codec config cursor date diff dump entry errors export filter format graph guard header
history import index item journal label ledger limit list merge month note order parse period print query
range report rule search sheet sort stats table tag total unit view year"
mkdir -p src crates
members=
deps=
for part in $parts; do
    mkdir -p "crates/tally-$part/src"
    cat > "crates/tally-$part/Cargo.toml" <<END
[package]
name = "tally-$part"
version = "0.6.0"
edition = "2021"
END
    case $part in
    er*|le*|re*) echo 'fn error_code() -> i32 { 7 }' ;;
    esac > "crates/tally-$part/src/lib.rs"
    printf 'pub fn run(n: i32) -> i32 {\n    n + 1\n}\n' >> "crates/tally-$part/src/lib.rs"
    members="$members\"crates/tally-$part\", "
    deps="${deps}tally-$part = { path = \"crates/tally-$part\" }
"
done
cat > Cargo.toml <<END
[package]
name = "tally"
version = "0.6.0"
edition = "2021"

[workspace]
members = [$members]

[dependencies]
$deps
[profile.dev]
debug = 0
END
cat > src/main.rs <<'END'
mod store;

fn main() {
    println!("{}", tally_total::run(unsafe { store::tdb_errors() }));
}
END
cat > src/store.rs <<'END'
#[link(name = "tallydb")]
extern "C" {
    pub fn tdb_errors() -> i32;
}
END
export CARGO_HOME="$(pwd)/cargo-home" CARGO_INCREMENTAL=0 CARGO_TERM_COLOR=never
exec cargo build --offline --verbose -j 4
