package io.datawarehouse.plugin.affinity;

import io.datawarehouse.sdk.balance.AffinityPluginBase;
import io.datawarehouse.sdk.balance.AffinityProvider;
import io.datawarehouse.sdk.balance.Stickiness;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.message.Message;
import io.datawarehouse.sdk.plugin.PluginManifest;
import org.jspecify.annotations.Nullable;

/** A plugin that does what a pure provider does. */
abstract class PureAffinityPlugin extends AffinityPluginBase {

  private static final int LONGEST_NAME = 128;

  private volatile AffinityProvider provider;

  PureAffinityPlugin(String title, AffinityProvider provider) {
    super(
        PluginManifest.of("affinity-" + provider.affinityName(), title, "0.1.0", "affinity"),
        provider.affinityName());
    this.provider = provider;
  }

  /** Is another provider from now on, of the same name; for settings. */
  void become(AffinityProvider other) {
    provider = other;
  }

  /** Returns a setting that names a header, or a tag. */
  String nameSetting(String setting, String usual) {
    String name = context().config().text(setting, usual);
    if (name.length() > LONGEST_NAME || name.chars().anyMatch(Character::isISOControl)) {
      throw invalid(setting, name, "use 1 to 128 characters, no control characters");
    }
    return name;
  }

  /** Makes the error of a setting that is not allowed. */
  WarehouseException invalid(String setting, Object value, String rule) {
    return WarehouseException.invalid(
        StandardErrorCode.CONFIG_INVALID,
        "dw.plugin.%s.%s".formatted(manifest().id(), setting),
        value,
        rule);
  }

  @Override
  public @Nullable String keyOf(Message message) {
    return provider.keyOf(message);
  }

  @Override
  public Stickiness stickiness() {
    return provider.stickiness();
  }
}
