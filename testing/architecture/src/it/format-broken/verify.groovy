String log = new File(basedir, 'build.log').text
assert log.contains('The following files had format violations') : 'not in the log: The following files had format violations'
assert log.contains('Misformatted.java') : 'not in the log: Misformatted.java'
