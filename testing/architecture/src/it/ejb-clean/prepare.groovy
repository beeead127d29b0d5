import io.datawarehouse.architecture.FixtureProject

FixtureProject.useRealPom(basedir, 'ejb')
