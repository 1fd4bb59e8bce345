# A variable that nobody set.
printf 'set -u\necho configuring\necho "installing into $NOSUCH_PREFIX"\n' >install.sh
sh install.sh
