package io.datawarehouse.kernel.config;

import io.datawarehouse.sdk.kernel.PluginConfig;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** The part of the configuration under one prefix. As thread-safe as what it is a part of. */
final class ScopedConfig implements PluginConfig {

  private final KernelConfig whole;
  private final String prefix;

  ScopedConfig(KernelConfig whole, String prefix) {
    if (!prefix.endsWith(".")) {
      throw new IllegalArgumentException("a prefix ends in a dot: " + prefix);
    }
    this.whole = whole;
    this.prefix = prefix;
  }

  @Override
  public Optional<String> find(String name) {
    return whole.find(prefix + name);
  }

  @Override
  public Set<String> names() {
    Set<String> names = new TreeSet<>();
    for (String name : whole.names()) {
      if (name.startsWith(prefix)
          && name.length() > prefix.length()
          && find(name.substring(prefix.length())).isPresent()) {
        names.add(name.substring(prefix.length()));
      }
    }
    return names;
  }

  @Override
  public String text(String name, String defaultValue) {
    return whole.text(prefix + name, defaultValue);
  }

  @Override
  public long number(String name, long defaultValue, long least, long most) {
    return whole.number(prefix + name, defaultValue, least, most);
  }

  @Override
  public long bytes(String name, long defaultValue, long least, long most) {
    return whole.bytes(prefix + name, defaultValue, least, most);
  }

  @Override
  public Duration duration(String name, Duration defaultValue) {
    return whole.duration(prefix + name, defaultValue);
  }

  @Override
  public boolean flag(String name, boolean defaultValue) {
    return whole.flag(prefix + name, defaultValue);
  }
}
