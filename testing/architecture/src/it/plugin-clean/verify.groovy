String log = new File(basedir, 'build.log').text
assert log.contains('plugin-depends-on-sdk-api-alone') : 'not in the log: plugin-depends-on-sdk-api-alone'
assert log.contains('BUILD SUCCESS') : 'not in the log: BUILD SUCCESS'
