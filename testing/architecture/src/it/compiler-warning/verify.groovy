String log = new File(basedir, 'build.log').text
assert log.contains('found raw type') : 'not in the log: found raw type'
assert log.contains('warnings found and -Werror specified') : 'not in the log: warnings found and -Werror specified'
