"""Names of the months in the languages of retailers, whole and short."""

MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "jan january januar januari janeiro jänner janvier enero ene gennaio gen sty",
            "feb february februar februari fevereiro fev fevrier février fév febrero febbraio lut",
            "mar march mär märz mrz maerz mars marts maart mrt março marzo",
            "apr april avr avril abril abr aprile kwi",
            "may mai maj mei maio mayo maggio mag",
            "jun june juni juin junho junio giugno giu cze",
            "jul july juli juil juillet julho julio luglio lug lip",
            "aug august augusti augustus aou aout août aoû agosto ago sie",
            "sep sept september septembre septiembre settembre setembro set wrz",
            "oct october okt oktober octobre octubre outubro out ottobre ott paź",
            "nov november novembre novembro noviembre lis",
            "dec december dez dezember dezembro déc decembre décembre dic diciembre dicembre gru",
        ),
        start=1,
    )
    for name in names.split()
}
