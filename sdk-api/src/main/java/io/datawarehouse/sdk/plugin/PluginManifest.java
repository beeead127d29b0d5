package io.datawarehouse.sdk.plugin;

import io.datawarehouse.sdk.capability.CapabilityName;
import io.datawarehouse.sdk.error.WarehouseException;
import java.util.Set;

/**
 * What a plugin says of itself before it runs. Immutable.
 *
 * @param id its identity
 * @param name its name for people
 * @param version its own version
 * @param sdk the version of {@code sdk-api} that it was built against
 * @param category what kind of plugin it is, for example {@code storage}
 * @param provides what it will provide; the handshake must offer exactly these
 * @param requires what must run before it
 * @param optional what should run before it, if it is there
 * @param necessity whether the node can serve without it
 */
public record PluginManifest(
    PluginId id,
    String name,
    String version,
    SdkVersion sdk,
    String category,
    Set<CapabilityName> provides,
    Set<CapabilityName> requires,
    Set<CapabilityName> optional,
    Necessity necessity) {

  /** Whether the node can serve without a plugin. */
  public enum Necessity {
    /** Its failure stops the boot. */
    REQUIRED,
    /** Its failure is shown, and the node serves. */
    OPTIONAL
  }

  /** Checks and copies. */
  public PluginManifest {
    requireText("name", name);
    requireText("version", version);
    requireText("category", category);
    provides = Set.copyOf(provides);
    requires = Set.copyOf(requires);
    optional = Set.copyOf(optional);
  }

  /** Makes the manifest of an optional plugin for the current SDK that needs nothing. */
  public static PluginManifest of(String id, String name, String version, String category) {
    return new PluginManifest(
        new PluginId(id),
        name,
        version,
        SdkVersion.CURRENT,
        category,
        Set.of(),
        Set.of(),
        Set.of(),
        Necessity.OPTIONAL);
  }

  /** Returns this manifest with other provided capabilities. */
  public PluginManifest providing(Set<CapabilityName> capabilities) {
    return new PluginManifest(
        id, name, version, sdk, category, capabilities, requires, optional, necessity);
  }

  /** Returns this manifest with other required capabilities. */
  public PluginManifest requiring(Set<CapabilityName> capabilities) {
    return new PluginManifest(
        id, name, version, sdk, category, provides, capabilities, optional, necessity);
  }

  /** Returns this manifest with other capabilities that should come first where they are there. */
  public PluginManifest after(Set<CapabilityName> capabilities) {
    return new PluginManifest(
        id, name, version, sdk, category, provides, requires, capabilities, necessity);
  }

  /** Returns this manifest with another necessity. */
  public PluginManifest with(Necessity newNecessity) {
    return new PluginManifest(
        id, name, version, sdk, category, provides, requires, optional, newNecessity);
  }

  /** Returns this manifest with another SDK version. */
  public PluginManifest builtAgainst(SdkVersion newSdk) {
    return new PluginManifest(
        id, name, version, newSdk, category, provides, requires, optional, necessity);
  }

  private static void requireText(String field, String text) {
    if (text.isBlank() || text.length() > 200) {
      throw WarehouseException.invalid("manifest." + field, text, "use 1 to 200 characters");
    }
  }
}
