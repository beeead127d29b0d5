String log = new File(basedir, 'build.log').text
assert log.contains('[BoxedPrimitiveEquality]') : 'not in the log: [BoxedPrimitiveEquality]'
assert log.contains('COMPILATION ERROR') : 'not in the log: COMPILATION ERROR'
