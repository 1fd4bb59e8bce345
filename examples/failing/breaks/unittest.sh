# needs: python3
# One of three tests fails.
cat >test_sums.py <<'EOF'
import unittest

class Sums(unittest.TestCase):
    def test_nothing(self):
        self.assertEqual(sum([]), 0)

    def test_two(self):
        self.assertEqual(sum([1, 2]), 4, "one and two")

    def test_words(self):
        self.assertRaises(TypeError, sum, ["a"])

if __name__ == "__main__":
    unittest.main()
EOF
python3 -m unittest -v
