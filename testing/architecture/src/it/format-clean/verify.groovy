String log = new File(basedir, 'build.log').text
assert log.contains('format-check') : 'not in the log: format-check'
assert log.contains('BUILD SUCCESS') : 'not in the log: BUILD SUCCESS'
