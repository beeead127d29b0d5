package io.datawarehouse.sdk.cluster;

import io.datawarehouse.sdk.capability.CapabilityName;
import io.datawarehouse.sdk.error.WarehouseException;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * What a node says of itself when it joins; the same for one run of it. Immutable.
 *
 * @param id its identity, stable over restarts
 * @param incarnation which run of the node this is, at least 1 and growing with every start, so
 *     that news of an earlier run are told from those of this one
 * @param address where clients and operators find it, {@code host:port}
 * @param endpoints where its peers reach it, {@code host:port} by what is spoken there, for example
 *     {@code grpc}; at most 16
 * @param zone what fails together with it, for example a data centre; not empty
 * @param rack a part of the zone that fails together; empty where that is not told
 * @param weight its share of the keys compared to other nodes, more than 0, usually 1
 * @param version the version of the product that it runs
 * @param startedAt when this run began, by its own clock
 * @param capabilities what its running plugins provide
 * @param labels names and values that placement rules look at, for example {@code region}
 * @since 0.1
 */
public record NodeDescriptor(
    NodeId id,
    long incarnation,
    String address,
    Map<String, String> endpoints,
    String zone,
    String rack,
    double weight,
    String version,
    Instant startedAt,
    Set<CapabilityName> capabilities,
    Map<String, String> labels) {

  /** The zone of a node that was not given one. */
  public static final String DEFAULT_ZONE = "default";

  private static final int LONGEST = 255;
  private static final int MOST_ENDPOINTS = 16;
  private static final int MOST_LABELS = 64;
  private static final double MOST_WEIGHT = 1000;

  /** Checks and copies; the error names the field. */
  public NodeDescriptor {
    Objects.requireNonNull(id, "id");
    if (incarnation < 1) {
      throw WarehouseException.invalid("incarnation", incarnation, "must be at least 1");
    }
    requireText("address", address);
    endpoints = Map.copyOf(endpoints);
    if (endpoints.size() > MOST_ENDPOINTS) {
      throw WarehouseException.invalid("endpoints", endpoints.size() + " endpoints", "at most 16");
    }
    endpoints.forEach((protocol, place) -> requireText("endpoints." + protocol, place));
    requireText("zone", zone);
    if (rack.length() > LONGEST) {
      throw WarehouseException.invalid("rack", rack, "use at most 255 characters");
    }
    if (!(weight > 0 && weight <= MOST_WEIGHT)) {
      throw WarehouseException.invalid("weight", weight, "use more than 0, at most 1000");
    }
    requireText("version", version);
    Objects.requireNonNull(startedAt, "startedAt");
    capabilities = Set.copyOf(capabilities);
    labels = Map.copyOf(labels);
    if (labels.size() > MOST_LABELS) {
      throw WarehouseException.invalid("labels", labels.size() + " labels", "at most 64");
    }
  }

  /** Makes the descriptor of a first run in the default zone, of weight 1, without labels. */
  public static NodeDescriptor of(NodeId id, String address, String version, Instant startedAt) {
    return new NodeDescriptor(
        id, 1, address, Map.of(), DEFAULT_ZONE, "", 1, version, startedAt, Set.of(), Map.of());
  }

  /** Returns this descriptor with another zone. */
  public NodeDescriptor inZone(String newZone) {
    return new NodeDescriptor(
        id,
        incarnation,
        address,
        endpoints,
        newZone,
        rack,
        weight,
        version,
        startedAt,
        capabilities,
        labels);
  }

  /** Returns this descriptor with another weight. */
  public NodeDescriptor weighing(double newWeight) {
    return new NodeDescriptor(
        id,
        incarnation,
        address,
        endpoints,
        zone,
        rack,
        newWeight,
        version,
        startedAt,
        capabilities,
        labels);
  }

  /**
   * Returns this descriptor with other capabilities.
   *
   * @since 0.1
   */
  public NodeDescriptor providing(Set<CapabilityName> newCapabilities) {
    return new NodeDescriptor(
        id,
        incarnation,
        address,
        endpoints,
        zone,
        rack,
        weight,
        version,
        startedAt,
        newCapabilities,
        labels);
  }

  private static void requireText(String field, String text) {
    if (text.isBlank() || text.length() > LONGEST) {
      throw WarehouseException.invalid(field, text, "use 1 to 255 characters");
    }
  }
}
