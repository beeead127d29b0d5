String log = new File(basedir, 'build.log').text
assert log.contains('found raw type')
assert log.contains('warnings found and -Werror specified')
