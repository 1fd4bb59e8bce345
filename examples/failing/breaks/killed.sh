# Whatever runs out of memory is killed by the system; nobody writes why.
echo 'linking the browser'
kill -KILL $$
