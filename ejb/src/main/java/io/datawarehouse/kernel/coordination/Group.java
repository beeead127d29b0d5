package io.datawarehouse.kernel.coordination;

import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.error.WarehouseException;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Those who keep one log together. Immutable. Two groups never mix: what one agreed on the other
 * knows nothing of.
 *
 * @param id random, at most 64 characters; the same for as long as the group lasts
 * @param founders who had a vote before the first entry of the log; sorted, at least one
 */
public record Group(String id, List<NodeId> founders) {

  /** How many nodes can found one together. */
  public static final int MOST_FOUNDERS = 255;

  private static final int LONGEST_ID = 64;

  /** Checks and sorts. */
  public Group {
    if (id.isBlank() || id.length() > LONGEST_ID) {
      throw WarehouseException.invalid("group", id, "use 1 to 64 characters");
    }
    founders = founders.stream().distinct().sorted().toList();
    if (founders.isEmpty() || founders.size() > MOST_FOUNDERS) {
      throw WarehouseException.invalid("founders", founders.size(), "use 1 to 255");
    }
  }

  /** Writes the id and the founders. */
  public void writeTo(DataOutput out) throws IOException {
    Wire.writeText(out, id);
    Wire.writeNumber(out, founders.size());
    for (NodeId founder : founders) {
      Wire.writeText(out, founder.value());
    }
  }

  /** Reads the id and the founders. */
  public static Group read(DataInput in) throws IOException {
    String id = Wire.readText(in);
    int count = Wire.readCount(in, MOST_FOUNDERS);
    List<NodeId> founders = new ArrayList<>();
    try {
      for (int i = 0; i < count; i++) {
        founders.add(new NodeId(Wire.readText(in)));
      }
      return new Group(id, founders);
    } catch (WarehouseException e) {
      throw new IOException("a damaged group: " + e.getMessage(), e);
    }
  }
}
