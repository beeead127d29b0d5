package io.datawarehouse.kernel.plugin;

import io.datawarehouse.sdk.capability.CapabilityName;
import io.datawarehouse.sdk.capability.Cardinality;
import io.datawarehouse.sdk.plugin.PluginId;
import java.util.List;

/**
 * A capability as operators see it. Immutable.
 *
 * @param name its name
 * @param cardinality how many may provide it
 * @param providers the running plugins that provide it, in start order
 */
public record CapabilityStatus(
    CapabilityName name, Cardinality cardinality, List<PluginId> providers) {}
