# needs: perl
# A module that nobody installed.
printf 'use strict;\nuse Nosuch::Widget;\nprint "building\\n";\n' >Makefile.PL
perl Makefile.PL
