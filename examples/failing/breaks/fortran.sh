# needs: gfortran
# A variable without a type.
printf 'program p\n  implicit none\n  x = 1\nend program\n' >p.f90
gfortran -c p.f90
