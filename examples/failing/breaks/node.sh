# needs: node
# A module that nobody installed.
printf 'const widget = require("nosuch-widget");\nwidget.run();\n' >build.js
node build.js
