package io.datawarehouse.kernel.plugin;

import io.datawarehouse.sdk.capability.CapabilityName;
import io.datawarehouse.sdk.plugin.PluginId;
import io.datawarehouse.sdk.plugin.PluginState;
import java.util.List;
import java.util.Optional;

/**
 * A plugin as operators see it. Immutable.
 *
 * @param id its identity
 * @param name its name for people
 * @param version its own version
 * @param category what kind of plugin it is
 * @param state where it is in its life
 * @param reason why it is there, where that needs words: why it failed, was rejected or stands by
 * @param required whether the node cannot serve without it
 * @param provides what it provides, sorted
 * @param requires what must run before it, sorted
 */
public record PluginStatus(
    PluginId id,
    String name,
    String version,
    String category,
    PluginState state,
    Optional<String> reason,
    boolean required,
    List<CapabilityName> provides,
    List<CapabilityName> requires) {}
