import io.datawarehouse.architecture.FixtureProject

FixtureProject.useRealPom(basedir, 'sdk-api', 'io.datawarehouse:kernel:${project.version}:provided')
