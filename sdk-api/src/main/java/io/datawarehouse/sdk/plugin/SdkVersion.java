package io.datawarehouse.sdk.plugin;

import io.datawarehouse.sdk.error.WarehouseException;

/**
 * A version of {@code sdk-api}. Immutable.
 *
 * @param major changes when something is taken away
 * @param minor changes when something is added
 */
public record SdkVersion(int major, int minor) implements Comparable<SdkVersion> {

  /** The version of this {@code sdk-api}. */
  public static final SdkVersion CURRENT = new SdkVersion(0, 1);

  /** Checks the numbers. */
  public SdkVersion {
    if (major < 0 || minor < 0) {
      throw WarehouseException.invalid("sdkVersion", major + "." + minor, "not negative");
    }
  }

  /** Returns whether a kernel of this version can run a plugin that was built against another. */
  public boolean canRun(SdkVersion builtAgainst) {
    return major == builtAgainst.major && builtAgainst.minor <= minor;
  }

  @Override
  public int compareTo(SdkVersion other) {
    return major != other.major
        ? Integer.compare(major, other.major)
        : Integer.compare(minor, other.minor);
  }

  @Override
  public String toString() {
    return major + "." + minor;
  }
}
