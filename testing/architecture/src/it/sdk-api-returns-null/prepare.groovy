import io.datawarehouse.architecture.FixtureProject

FixtureProject.useRealPom(basedir, 'sdk-api')
