# needs: python3
# A module that nobody installed.
printf 'import os\nimport nosuch_widget\n' >setup.py
python3 setup.py build
