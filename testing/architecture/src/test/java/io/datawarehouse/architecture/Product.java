package io.datawarehouse.architecture;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;

/** The product's classes, read once: all modules, none of their tests and none of the fixtures. */
final class Product {

  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("io.datawarehouse");

  private Product() {}

  static JavaClasses classes() {
    return CLASSES;
  }
}
