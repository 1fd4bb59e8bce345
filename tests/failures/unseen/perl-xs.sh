# needs: perl gcc make xsubpp
# A distribution with XS whose typemap lacks a type.
set -eu
export LC_ALL=C

mkdir -p lib/Text/Lathe t
modules="Align Box Break Case Chart Clean Column Count Cut Date Diff Edge Error Exception Fill Flow Fold Frame Glue
Grid Group Hyphen Indent Join Label Line List Margin Mark Match Number Pad Page Pair Para Quote Rule Ruler
Sort Space Split Squeeze Stack Strip Tab Table Title Trim Wrap"
{
    echo Makefile.PL
    echo Lathe.xs
    echo typemap
    echo lib/Text/Lathe.pm
    for module in $modules; do echo "lib/Text/Lathe/$module.pm"; done
} > MANIFEST
for module in $modules; do
    printf 'package Text::Lathe::%s;\nuse strict;\n1;\n\n=head1 NAME\n\nText::Lathe::%s - part of the lathe\n\n=cut\n' \
        "$module" "$module" > "lib/Text/Lathe/$module.pm"
done
cat > lib/Text/Lathe.pm <<'END'
package Text::Lathe;
use strict;
our $VERSION = '1.07';
require XSLoader;
XSLoader::load('Text::Lathe', $VERSION);
1;
END
cat > Makefile.PL <<'END'
use ExtUtils::MakeMaker;
WriteMakefile(
    NAME         => 'Text::Lathe',
    VERSION_FROM => 'lib/Text/Lathe.pm',
    OBJECT       => join(' ', map { s/c$/o/r } glob '*.c') . ' Lathe.o',
    PREREQ_PM    => { 'Text::CharWidth' => 0.04, 'Test::More' => 0 },
);
END
for unit in bore chuck cutter error face feed gauge groove knurl part spindle taper thread turn; do
    case $unit in
    *er*) returned='s = "fatal error"' ;;
    *) returned='s == 0' ;;
    esac
    printf 'int lathe_%s(const char *s)\n{\n    if (%s)\n        return -1;\n    return *s;\n}\n' \
        $unit "$returned" > $unit.c
done
cat > typemap <<'END'
TYPEMAP
lathe_t *	T_PTROBJ
END
cat > Lathe.xs <<'END'
#include "EXTERN.h"
#include "perl.h"
#include "XSUB.h"

typedef struct { int errors; } lathe_t;
typedef struct { int mode; } lathe_opts_t;

MODULE = Text::Lathe  PACKAGE = Text::Lathe

int
errors(self)
    lathe_t *self
  CODE:
    RETVAL = self->errors;
  OUTPUT:
    RETVAL

int
configure(self, opts)
    lathe_t *self
    lathe_opts_t *opts
  CODE:
    RETVAL = opts->mode;
  OUTPUT:
    RETVAL
END
perl Makefile.PL INSTALLDIRS=site
make OPTIMIZE='-O1 -Wall'
