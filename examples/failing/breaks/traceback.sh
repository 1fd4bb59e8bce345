# needs: python3
# A program that is needed to build, and dies of an exception during another.
cat >generate.py <<'EOF'
import json

def read(path):
    try:
        with open(path) as file:
            return json.load(file)
    except ValueError as error:
        raise RuntimeError(f"{path} is no table of units") from error

print("generating units.h")
with open("units.json", "w") as file:
    file.write("{broken")
read("units.json")
EOF
python3 generate.py
