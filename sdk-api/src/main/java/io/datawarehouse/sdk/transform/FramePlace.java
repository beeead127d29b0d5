package io.datawarehouse.sdk.transform;

import java.util.Objects;

/** Which frame of a content is encoded or decoded. Used during that one call only. */
public final class FramePlace {

  private final long number;
  private final boolean last;
  private final byte[] associatedData;

  /**
   * Names a frame.
   *
   * @param number its number, from 0
   * @param last whether no frame follows
   * @param associatedData what an encryption authenticates besides; not copied
   */
  public FramePlace(long number, boolean last, byte[] associatedData) {
    if (number < 0) {
      throw new IllegalArgumentException("frames are numbered from 0, not " + number);
    }
    this.number = number;
    this.last = last;
    this.associatedData = Objects.requireNonNull(associatedData, "associatedData");
  }

  /** Returns the frame's number, from 0; another one for every frame of a content. */
  public long number() {
    return number;
  }

  /** Returns whether no frame follows. */
  public boolean last() {
    return last;
  }

  /**
   * Returns what binds the frame to its blob, version and place. Not a copy: it MUST NOT be changed
   * or kept.
   */
  public byte[] associatedData() {
    return associatedData;
  }

  @Override
  public String toString() {
    return "frame " + number + (last ? ", the last" : "");
  }
}
