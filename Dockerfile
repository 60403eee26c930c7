# docker build -t neuroevo . && docker run --rm -v "$PWD/runs:/home/player/runs" neuroevo evolve xor
# stable-retro has Linux wheels for x86_64 only.
FROM --platform=linux/amd64 python:3.12-slim

RUN apt-get update \
    && apt-get install -y --no-install-recommends libgl1 libglib2.0-0 \
    && rm -rf /var/lib/apt/lists/*

COPY . /source
RUN pip install --no-cache-dir --only-binary stable-retro /source && rm -rf /source

RUN useradd --create-home player
USER player
WORKDIR /home/player
ENV MPLBACKEND=Agg
ENTRYPOINT ["neuroevo"]
CMD ["--help"]
