# needs: sha256sum
# What was fetched isn't what it was.
echo 'an older release' >example-1.0.tar
sha256sum example-1.0.tar >distinfo
echo 'not that release' >example-1.0.tar
sha256sum -c distinfo
