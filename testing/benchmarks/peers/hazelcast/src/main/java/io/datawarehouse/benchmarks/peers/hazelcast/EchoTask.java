package io.datawarehouse.benchmarks.peers.hazelcast;

import com.hazelcast.nio.ObjectDataInput;
import com.hazelcast.nio.ObjectDataOutput;
import com.hazelcast.nio.serialization.IdentifiedDataSerializable;
import java.io.IOException;
import java.util.concurrent.Callable;

/** Gives back the bytes that it carries. Confined to one thread at a time. */
public final class EchoTask implements Callable<byte[]>, IdentifiedDataSerializable {

  static final int FACTORY = 1;

  private byte[] bytes = {};

  /** Makes one that is about to be read. */
  public EchoTask() {}

  EchoTask(byte[] bytes) {
    this.bytes = bytes;
  }

  @Override
  public byte[] call() {
    return bytes;
  }

  @Override
  public int getFactoryId() {
    return FACTORY;
  }

  @Override
  public int getClassId() {
    return 1;
  }

  @Override
  public void writeData(ObjectDataOutput out) throws IOException {
    out.writeByteArray(bytes);
  }

  @Override
  public void readData(ObjectDataInput in) throws IOException {
    bytes = in.readByteArray();
  }
}
