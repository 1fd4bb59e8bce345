# needs: javac
# A name that does not exist.
printf 'class Main {\n    public static void main(String[] words) {\n        System.out.println(word);\n    }\n}\n' >Main.java
javac Main.java
