# A program of which no rule knows anything: the log's last lines are shown.
echo 'step 1: everything is ready'
echo 'step 2: the moon is in the wrong phase'
exit 3
