# needs: g++ make
# One wrong comparison, and the compiler says pages about the templates below it.
cat >sort.cpp <<'EOF'
#include <algorithm>
#include <map>
#include <string>
#include <vector>

struct Package { std::string name; };

int main() {
    std::vector<Package> packages{{"zlib"}, {"bash"}};
    std::sort(packages.begin(), packages.end());
    std::map<Package, int> sizes{{packages[0], 1}};
    return sizes.size();
}
EOF
printf 'sort: sort.cpp\n\tg++ -O1 -o sort sort.cpp\n' >Makefile
make
