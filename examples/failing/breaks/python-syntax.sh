# needs: python3
# A file that another version of Python would take.
printf 'import sys\n\nprint "building", sys.argv\n' >build.py
python3 build.py
