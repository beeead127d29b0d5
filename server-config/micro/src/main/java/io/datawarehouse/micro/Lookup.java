package io.datawarehouse.micro;

import org.jspecify.annotations.Nullable;

/** A source of settings, as {@link System#getProperty(String)} is one. */
@FunctionalInterface
interface Lookup {

  /** The value under the name, or null where there is none. */
  @Nullable String find(String name);
}
