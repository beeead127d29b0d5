String log = new File(basedir, 'build.log').text
assert log.contains('format-check')
assert log.contains('BUILD SUCCESS')
