String log = new File(basedir, 'build.log').text
assert log.contains('[BoxedPrimitiveEquality]')
assert log.contains('COMPILATION ERROR')
