import io.datawarehouse.architecture.FixtureProject

FixtureProject.useRealPom(basedir, 'sdk-api')
FixtureProject.useRealSources(
    basedir,
    'sdk-api',
    'io/datawarehouse/sdk/storage/StorageProvider.java',
    '  void probe();',
    '  void probe();\n\n  /** More. */\n  void more();')
